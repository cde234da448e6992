# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""pyVmomi, where it is installed. Its types are made when it is imported: for a type checker they are Any."""

from __future__ import annotations

from typing import Any

vim: Any = None
vmodl: Any = None
SoapStubAdapter: Any = None
DataObject: Any = None
Deserializer: Any = None
ManagedObject: Any = None
VmomiSupport: Any = None
API_VERSION: Any = None
parse_time: Any = None

try:
    import pyVmomi as library
    from pyVmomi import Iso8601, SoapAdapter
except ImportError:  # connect() says so in words
    pass
else:
    _library: Any = library
    vim, vmodl, SoapStubAdapter = _library.vim, _library.vmodl, _library.SoapStubAdapter
    VmomiSupport = _library.VmomiSupport
    DataObject, ManagedObject = VmomiSupport.DataObject, VmomiSupport.ManagedObject
    Deserializer, parse_time = SoapAdapter.SoapResponseDeserializer, Iso8601.ParseISO8601
    # The oldest vCenter in the field. Every newer one speaks it too, so no question for its version is needed.
    API_VERSION = VmomiSupport.versionMap["vim25/6.5"]
