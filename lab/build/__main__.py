# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`python -m lab.build`, which is `python -m lab build`."""

from __future__ import annotations

import sys

from .main import main

sys.exit(main())
