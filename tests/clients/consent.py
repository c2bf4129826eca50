# SPDX-License-Identifier: GPL-3.0-or-later
"""What the person does in the browser for an app that is not ours."""

from house import Person


def browse(person: Person, url: str) -> str:
    """Opens it, signs in, approves, or signs out, as far as that is asked; where the browser was sent at last."""
    page = person.get(url)
    if 'name="email"' in page.text:
        page = person.sign_in(page)
    if page.status_code == 200:
        page = person.submit(page, button=None if 'action="/oauth/logout/confirm"' in page.text else "approve")
    assert page.status_code == 303, page.text
    return page.headers["Location"]


def approve(person: Person, user_code: str) -> str:
    page = person.submit(person.submit(person.get("/d"), user_code=user_code), button="approve")
    assert "Approved" in page.text, page.text
    return "approved"
