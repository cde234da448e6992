# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes passwords, a certificate authority and SSH keys, each once."""

from __future__ import annotations

import secrets
import subprocess
import tempfile
from pathlib import Path


def password(path: Path) -> None:
    """A random password in a file of its own."""
    if path.exists():
        return
    path.touch(mode=0o600)
    path.write_text(secrets.token_urlsafe(18))


def ssh_key(path: Path, comment: str) -> None:
    """An SSH key without passphrase."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path))


def certificate(authority: Path, chain: Path, key: Path, names: str) -> None:
    """A server certificate for `names` (as in subjectAltName), and the authority that signed it.

    The authority's key is thrown away: nobody can sign a second server for it.
    """
    if authority.exists() and chain.exists() and key.exists():
        return
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "825")
    with tempfile.TemporaryDirectory() as scratch:
        signer, request = Path(scratch, "ca.key"), Path(scratch, "server.csr")
        _run(
            *("openssl", "req", "-x509", *curve, "-keyout", str(signer), "-out", str(authority)),
            *("-subj", "/CN=Landfall lab", "-addext", "keyUsage=critical,keyCertSign"),
        )
        key.touch(mode=0o600)
        _run("openssl", "req", "-new", *curve[:-2], "-keyout", str(key), "-out", str(request), "-subj", "/CN=vcenter")
        extensions = Path(scratch, "extensions")
        extensions.write_text(
            f"subjectAltName={names}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n"
            "keyUsage=digitalSignature\nauthorityKeyIdentifier=keyid\n"
        )
        _run(
            *("openssl", "x509", "-req", "-in", str(request), "-CA", str(authority), "-CAkey", str(signer)),
            *("-set_serial", str(secrets.randbits(63)), "-days", "825", "-extfile", str(extensions)),
            *("-out", str(chain)),
        )


def _run(*argv: str) -> None:
    subprocess.run(argv, check=True, capture_output=True)
