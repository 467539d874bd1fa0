"""What a colleague needs to work: mailbox, laptop, VPN, databases, software."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from macae.contoso.calls import changes
from macae.contoso.dates import say, today
from macae.contoso.hr.staff import free_address
from macae.contoso.lookup import employee, item, me
from macae.contoso.rows import add, one, run, value
from macae.contoso.tech_support.helpers import mailbox_of, spare_laptop
from macae.contoso.values import email, sentence
from macae.errors import ToolRefused


@changes
async def set_up_office_365_account(
    employee_name: Annotated[str, "full name of the employee"],
    email_address: Annotated[
        str, "address of the mailbox; empty: first and last name with a point between, at contoso.com"
    ] = "",
) -> str:
    """Set up an Office 365 account with a mailbox (e-mail address) for an employee."""
    row = employee(employee_name)
    present = mailbox_of(row["id"])
    if present:
        raise ToolRefused(
            f"{row['name']} already has the mailbox {present}. Use create_shared_mailbox for another address."
        )
    if email_address.strip():
        address = email(email_address)
    else:
        used = one("SELECT 1 FROM mailboxes WHERE address = ?", row["email"])
        address = free_address(row["name"]) if used else row["email"]
    if not address.endswith("@contoso.com"):
        raise ToolRefused(
            f"{address} is outside Contoso. The address must end with @contoso.com, e.g. {row['email']}."
        )
    taken = one(
        "SELECT name FROM mailboxes JOIN employees ON id = employee_id WHERE address = ? "
        "UNION SELECT name FROM employees WHERE email = ? AND id <> ?",
        address, address, row["id"],
    )  # fmt: skip
    if taken:
        raise ToolRefused(
            f"The address {address} already belongs to {taken['name']}. Free: {free_address(row['name'])}."
        )
    add("mailboxes", address=address, kind="personal", employee_id=row["id"], created_on=today().isoformat())
    run("UPDATE employees SET email = ? WHERE id = ?", address, row["id"])
    return f"{row['name']} has an Office 365 account with the mailbox {address}; it is ready to use."


@changes
async def send_welcome_email(
    employee_name: Annotated[str, "full name of the new employee"],
    text: Annotated[str, "what to say besides the first-day facts"] = "",
) -> str:
    """Send the welcome e-mail with the facts of the first day to a new employee who has a mailbox."""
    row = employee(employee_name)
    address = mailbox_of(row["id"])
    if row["start_date"] < (today() - timedelta(days=90)).isoformat():
        raise ToolRefused(
            f"{row['name']} has been here since {say(row['start_date'])}; use send_internal_message to write to them."
        )
    if not address:
        raise ToolRefused(
            f"{row['name']} has no mailbox yet. Set one up first with set_up_office_365_account."
        )
    extra = sentence(text, "The text", most=2000, may_be_empty=True)
    manager = one("SELECT name FROM employees WHERE id = ?", row["manager_id"])
    mentor = one(
        "SELECT name FROM mentorships JOIN employees ON id = mentor_id WHERE employee_id = ?", row["id"]
    )
    orientation = one(
        "SELECT day, starts, room FROM events JOIN attendance ON event = number WHERE kind = 'orientation' AND employee_id = ?",
        row["id"],
    )
    body = [
        f"Welcome to Contoso, {row['name']}. Your first day is {say(row['start_date'])}, in {row['location']}."
    ]
    body += [f"Your manager is {manager['name']}."] if manager else []
    body += [f"Your mentor is {mentor['name']}."] if mentor else []
    body += (
        [f"Orientation: {say(orientation['day'])}, {orientation['starts']}, room {orientation['room']}."]
        if orientation
        else []
    )
    body += [extra] if extra else []
    add(
        "messages", sent_on=today().isoformat(), sender=me()["name"], recipient=address, subject="Welcome to Contoso",
        body=" ".join(body),
    )  # fmt: skip
    return f"The welcome e-mail was sent to {address}: {' '.join(body)}"


@changes
async def create_shared_mailbox(
    address: Annotated[str, "the address, or what stands before contoso.com in it, e.g. events"],
    owner_name: Annotated[str, "full name of who is responsible; me: the person who asks"] = "me",
) -> str:
    """Create a shared mailbox for a team or purpose, such as events."""
    wanted = email(address if "@" in address else f"{address.strip()}@contoso.com")
    if not wanted.endswith("@contoso.com"):
        raise ToolRefused(f"{wanted} is outside Contoso. The address must end with @contoso.com.")
    owner = employee(owner_name)
    taken = one("SELECT name FROM mailboxes JOIN employees ON id = employee_id WHERE address = ?", wanted)
    taken = taken or one("SELECT name FROM employees WHERE email = ?", wanted)
    if taken:
        raise ToolRefused(
            f"The mailbox {wanted} exists already; {taken['name']} is responsible for it. Choose another address."
        )
    add("mailboxes", address=wanted, kind="shared", employee_id=owner["id"], created_on=today().isoformat())
    return f"The shared mailbox {wanted} is ready; {owner['name']} is responsible for it."


@changes
async def configure_laptop(
    employee_name: Annotated[str, "full name of who gets the laptop"],
    laptop_model: Annotated[
        str, "model wanted; empty: the one ordered for them, else one from the IT pool"
    ] = "",
) -> str:
    """Configure a laptop for an employee: assign it, encrypt it and install the standard software."""
    row = employee(employee_name)
    sku = item(laptop_model)["sku"] if laptop_model.strip() else ""
    found = spare_laptop(row, sku)
    old = one(
        "SELECT tag, name FROM assets JOIN items USING (sku) WHERE kind = 'laptop' AND status = 'in use' AND employee_id = ?",
        row["id"],
    )
    if old and (found is None or found["employee_id"] != row["id"]):
        raise ToolRefused(
            f"{row['name']} already has the laptop {old['tag']} ({old['name']}). "
            "For a replacement, first order one for them with order_hardware."
        )
    if found is None:
        name = value("SELECT name FROM items WHERE sku = ?", sku) if sku else "laptop"
        coming = one(
            "SELECT number, expected_on FROM purchase_orders JOIN items USING (sku) WHERE kind = 'laptop' AND status IN "
            "('ordered', 'awaiting approval') AND (for_employee_id = ? OR department = ?) AND ? IN ('', sku) ORDER BY expected_on",
            row["id"], row["department"], sku,
        )  # fmt: skip
        wait = f" {coming['number']} is expected on {say(coming['expected_on'])}." if coming else ""
        raise ToolRefused(
            f"No {name} is there for {row['name']}.{wait} Order one for them with order_hardware."
        )
    if old:
        run(
            "UPDATE assets SET status = 'IT pool', department = 'IT', employee_id = NULL, since = ? WHERE tag = ?",
            today().isoformat(),
            old["tag"],
        )
    run(
        "UPDATE assets SET status = 'in use', department = ?, employee_id = ?, since = ? WHERE tag = ?",
        row["department"], row["id"], today().isoformat(), found["tag"],
    )  # fmt: skip
    back = f" The old one, {old['tag']}, goes back to the IT pool." if old else ""
    return (
        f"The laptop {found['tag']} ({found['name']}) is configured for {row['name']}: disk encrypted, updates on, Microsoft 365, "
        f"VPN client and security software installed.{back}"
    )


@changes
async def install_software(
    software_name: Annotated[str, "name of the software"],
    employee_name: Annotated[str, "full name of the employee; me: the person who asks"] = "me",
) -> str:
    """Install software on an employee's laptop, using a free licence seat."""
    row, article = employee(employee_name), item(software_name, "software")
    if one("SELECT 1 FROM installations WHERE employee_id = ? AND sku = ?", row["id"], article["sku"]):
        raise ToolRefused(f"{row['name']} already has {article['name']}.")
    laptop = one(
        "SELECT tag FROM assets JOIN items USING (sku) WHERE kind = 'laptop' AND status = 'in use' AND employee_id = ?",
        row["id"],
    )
    if laptop is None:
        raise ToolRefused(f"{row['name']} has no laptop yet. Set one up first with configure_laptop.")
    free = 1
    if article["sku"] != "SW-M365":  # everybody has a seat of it
        free = (
            value(
                "SELECT seats - used FROM licences WHERE sku = ? AND department = ?",
                article["sku"],
                row["department"],
            )
            or 0
        )
    if free < 1:
        raise ToolRefused(
            f"{row['department']} has no free seat of {article['name']}. Buy one with order_software_license "
            f"(department {row['department']})."
        )
    run(
        "UPDATE licences SET used = used + 1 WHERE sku = ? AND department = ? AND used < seats",
        article["sku"],
        row["department"],
    )
    add("installations", employee_id=row["id"], sku=article["sku"], installed_on=today().isoformat())
    return f"{article['name']} is installed on {row['name']}'s laptop {laptop['tag']}."
