"""A small set to measure embeddings with: texts, and for each a question in other words, of which some share none."""

from __future__ import annotations

TEXTS_AND_QUESTIONS = [
    ("New employees get a laptop on their first day from the service desk.", "When do I receive my laptop?"),
    ("Annual leave is 25 days; unused days expire at the end of March.", "Do unused leave days expire?"),
    (
        "Expense reports must be filed within thirty days of the trip.",
        "How soon do I file an expense report?",
    ),
    (
        "Passwords must have at least fourteen characters and are never shared.",
        "What is the minimum password length?",
    ),
    ("The purchase of hardware above 1,000 euros needs two quotations.", "purchasing expensive hardware"),
    ("The press office answers every enquiry of a journalist.", "Who talks to journalists?"),
    ("Remote workers may spend 400 euros on a desk and a chair.", "Can I buy a chair when working remotely?"),
    ("Sick notes are needed from the third day of an illness.", "When is a sick note required?"),
    ("Invoices are paid fourteen days after they were approved.", "How long until an invoice is paid?"),
    (
        "The product launch needs a campaign plan six weeks ahead.",
        "planning the marketing campaign of a launch",
    ),
    (
        "Suppliers are evaluated once a year for price, quality and delivery.",
        "How often do we evaluate suppliers?",
    ),
    ("Visitors sign in at the reception and wear a badge.", "Do guests need a badge?"),
    ("Item CNT-204 is a wireless headset with a two-year warranty.", "warranty of CNT-204"),
    (
        "Software licences are requested in the catalogue and cost the team's budget.",
        "How do I request a license for software?",
    ),
    ("Travel by train is preferred to flights below six hours.", "Should I fly or take the train?"),
    (
        "The mentoring programme pairs a newcomer with an experienced colleague.",
        "Is there a mentor for newcomers?",
    ),
    ("Backups run every night and are kept for ninety days.", "retention of the nightly backup"),
    ("Payroll closes on the twentieth; changes after it count next month.", "When does payroll close?"),
    (
        "The performance review takes place twice a year, in May and November.",
        "When are performance reviews held?",
    ),
    (
        "Company cars are leased for three years and may be driven privately.",
        "private use of the company car",
    ),
    ("Meeting rooms are booked in the calendar and released when nobody comes.", "booking a meeting room"),
    ("Form HR-12 asks for parental leave eight weeks before it begins.", "What is HR-12 for?"),
    (
        "Lost phones are reported at once, so that they can be wiped.",
        "I lost my phone, what shall I report?",
    ),
    (
        "The training budget is 1,500 euros a person and year.",
        "How much may I spend on trainings?",
    ),
    ("Contracts above 50,000 euros are signed by two directors.", "Who signs large contracts?"),
    ("The canteen serves lunch from half past eleven to two.", "When is lunch served?"),
    ("Customer data is deleted two years after the last order.", "deletion of data about customers"),
    ("A refund is made to the card that was charged.", "How are refunds made?"),
    ("VPN access is needed outside the office and asks for a token.", "Which token does the VPN need?"),
    ("Overtime is paid with a surcharge of a quarter.", "surcharges for overtime"),
    # Other words only: no embedding by letters finds these except by luck.
    ("Pets may come to work on Fridays.", "Can I bring my dog?"),
    ("Staff who relocate get their removal costs back.", "Does the firm pay when I move house?"),
    ("The lift is out of order until Monday.", "Is the elevator working?"),
    ("Smoking is allowed on the terrace only.", "Where can I have a cigarette?"),
    ("Salaries arrive on the last working day.", "When do we get our wages?"),
    ("Cycling to the office earns a yearly bonus.", "reward for coming by bike"),
]


def recall(embed: object, at: int, pairs: list[tuple[str, str]] | None = None) -> float:
    """The share of questions whose text is among the `at` nearest."""
    import numpy as np

    chosen = pairs or TEXTS_AND_QUESTIONS
    texts = np.array(embed([text for text, _ in chosen]))  # type: ignore[operator]
    questions = np.array(embed([question for _, question in chosen]))  # type: ignore[operator]
    nearest = np.argsort(-(questions @ texts.T), axis=1)[:, :at]
    return float(np.mean([row in found for row, found in enumerate(nearest)]))
