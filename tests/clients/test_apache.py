# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's libapache2-mod-auth-openidc in a real Apache: signs in, tells the page who came, signs out at both."""

import contextlib
import pathlib
import subprocess
import tempfile
from collections.abc import Iterator

import pytest
import requests
from consent import browse
from house import House, Person, free_port, wait_until

MODULES = ("mpm_event", "authn_core", "authz_core", "authz_user", "headers", "dir", "auth_openidc")
CONFIG = """
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/apache.pid
ErrorLog {folder}/error.log
DefaultRuntimeDir {folder}
User www-data
Group www-data
DocumentRoot {folder}/pages
DirectoryIndex index.html
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client_id}
OIDCProviderTokenEndpointAuth none
OIDCPKCEMethod S256
OIDCResponseMode query
OIDCScope openid
OIDCRemoteUserClaim sub
OIDCRedirectURI {site}/callback
OIDCCryptoPassphrase {client_id}
<Location />
    AuthType openid-connect
    Require valid-user
    Header set X-User "expr=%{{REMOTE_USER}}"
</Location>
<Location /bye>
    AuthType None
    Require all granted
</Location>
"""


@contextlib.contextmanager
def apache(folder: pathlib.Path, config: str) -> Iterator[None]:
    lines = [f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in MODULES]
    (folder / "pages").mkdir()
    (folder / "pages/index.html").write_text("bread")
    (folder / "pages/bye").write_text("bye")
    (folder / "apache.conf").write_text("\n".join(lines) + config)
    command = ["/usr/sbin/apache2", "-f", str(folder / "apache.conf"), "-D", "FOREGROUND"]
    with subprocess.Popen(command) as server:
        try:
            yield
        finally:
            server.terminate()


def is_up(url: str) -> bool:
    with contextlib.suppress(requests.ConnectionError):
        return requests.get(url, timeout=20).status_code == 200
    return False


@pytest.fixture
def site(house: House) -> Iterator[str]:
    """An Apache whose pages are for those who sign in with Antara."""
    port = free_port()
    address = f"http://localhost:{port}"
    client_id = house.add_app("Bakery", f"{address}/callback")
    house.ctl("app", "set", client_id, "--post-logout-redirect-uri", f"{address}/bye")
    with tempfile.TemporaryDirectory(prefix="antara-apache-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        config = CONFIG.format(folder=folder, port=port, issuer=house.issuer, client_id=client_id, site=address)
        with apache(folder, config):
            wait_until(lambda: is_up(f"{address}/bye"))
            yield address


def arrive(person: Person, site: str) -> requests.Response:
    """Opens the site and signs in where it sends the browser."""
    asked = person.web.get(site + "/", allow_redirects=False, timeout=20)
    assert asked.status_code == 302 and asked.headers["Location"].startswith(person.house.issuer)
    return person.web.get(browse(person, asked.headers["Location"]), timeout=20)


def test_apache_signs_in_and_out(house: House, person: Person, site: str) -> None:
    page = arrive(person, site)
    slug = page.headers["X-User"]
    assert page.status_code == 200 and page.text == "bread" and len(slug) == 22
    assert person.web.get(site + "/", timeout=20).headers["X-User"] == slug

    leave = person.web.get(site + "/callback", params={"logout": f"{site}/bye"}, allow_redirects=False, timeout=20)
    assert browse(person, leave.headers["Location"]) == f"{site}/bye"
    assert 'name="email"' in person.get("/login").text, "signed out at Antara too"
    assert arrive(person, site).headers["X-User"] == slug
