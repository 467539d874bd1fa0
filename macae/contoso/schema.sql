-- Contoso's tables. Days are ISO dates, amounts US dollars.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE effects (key TEXT PRIMARY KEY, tool TEXT NOT NULL, arguments TEXT NOT NULL, summary TEXT NOT NULL, at TEXT NOT NULL);

-- People
CREATE TABLE departments (name TEXT PRIMARY KEY, purpose TEXT NOT NULL, head_id INTEGER NOT NULL);
CREATE TABLE employees (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, job_title TEXT NOT NULL,
    department TEXT NOT NULL REFERENCES departments (name), manager_id INTEGER REFERENCES employees (id),
    email TEXT NOT NULL UNIQUE, phone TEXT, location TEXT NOT NULL, start_date TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'pre-hire', 'onboarding', 'on leave', 'left'))
);
CREATE TABLE offers (employee_id INTEGER PRIMARY KEY REFERENCES employees (id), salary_usd REAL NOT NULL, accepted_on TEXT NOT NULL);
CREATE TABLE mentorships (employee_id INTEGER PRIMARY KEY REFERENCES employees (id), mentor_id INTEGER NOT NULL REFERENCES employees (id), since TEXT NOT NULL);
CREATE TABLE benefit_packages (name TEXT PRIMARY KEY, covers TEXT NOT NULL, monthly_usd REAL NOT NULL);
CREATE TABLE benefits (employee_id INTEGER PRIMARY KEY REFERENCES employees (id), package TEXT NOT NULL REFERENCES benefit_packages (name), since TEXT NOT NULL);
CREATE TABLE payroll (employee_id INTEGER PRIMARY KEY REFERENCES employees (id), salary_usd REAL NOT NULL CHECK (salary_usd > 0), first_payday TEXT NOT NULL);
CREATE TABLE background_checks (id INTEGER PRIMARY KEY, employee_id INTEGER NOT NULL REFERENCES employees (id), kind TEXT NOT NULL, status TEXT NOT NULL, started_on TEXT NOT NULL, due_on TEXT NOT NULL);
CREATE TABLE id_cards (number TEXT PRIMARY KEY, employee_id INTEGER NOT NULL REFERENCES employees (id), status TEXT NOT NULL, requested_on TEXT NOT NULL);
CREATE TABLE handbook_receipts (employee_id INTEGER PRIMARY KEY REFERENCES employees (id), edition TEXT NOT NULL, given_on TEXT NOT NULL);
CREATE TABLE leave_balances (employee_id INTEGER NOT NULL REFERENCES employees (id), kind TEXT NOT NULL, days INTEGER NOT NULL CHECK (days >= 0), PRIMARY KEY (employee_id, kind));
CREATE TABLE leave_requests (id INTEGER PRIMARY KEY, employee_id INTEGER NOT NULL REFERENCES employees (id), kind TEXT NOT NULL, first_day TEXT NOT NULL, last_day TEXT NOT NULL, days INTEGER NOT NULL, status TEXT NOT NULL);

-- Calendar, messages, knowledge
CREATE TABLE rooms (name TEXT PRIMARY KEY, seats INTEGER NOT NULL);
CREATE TABLE events (number TEXT PRIMARY KEY, title TEXT NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL, starts TEXT NOT NULL, ends TEXT NOT NULL, room TEXT, organiser_id INTEGER REFERENCES employees (id));
CREATE TABLE attendance (event TEXT NOT NULL REFERENCES events (number) ON DELETE CASCADE, employee_id INTEGER NOT NULL REFERENCES employees (id), PRIMARY KEY (event, employee_id));
CREATE TABLE messages (id INTEGER PRIMARY KEY, sent_on TEXT NOT NULL, sender TEXT NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL, author_id INTEGER NOT NULL REFERENCES employees (id), written_on TEXT NOT NULL);
CREATE TABLE handbook (topic TEXT PRIMARY KEY, keywords TEXT NOT NULL, rule TEXT NOT NULL);
CREATE TABLE compliance_rules (topic TEXT PRIMARY KEY, keywords TEXT NOT NULL, source TEXT NOT NULL, requires TEXT NOT NULL);

-- Things and money
CREATE TABLE budgets (department TEXT PRIMARY KEY REFERENCES departments (name), total_usd REAL NOT NULL, spent_usd REAL NOT NULL, CHECK (spent_usd <= total_usd));
CREATE TABLE items (sku TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, keywords TEXT NOT NULL, price_usd REAL NOT NULL, in_stock INTEGER NOT NULL CHECK (in_stock >= 0));
CREATE TABLE suppliers (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, country TEXT NOT NULL, email TEXT NOT NULL, rating REAL NOT NULL, on_time_percent INTEGER NOT NULL);
CREATE TABLE supplier_prices (supplier_id INTEGER NOT NULL REFERENCES suppliers (id), sku TEXT NOT NULL REFERENCES items (sku), price_usd REAL NOT NULL, delivery_days INTEGER NOT NULL, available INTEGER NOT NULL, PRIMARY KEY (supplier_id, sku));
CREATE TABLE purchase_orders (
    number TEXT PRIMARY KEY, sku TEXT NOT NULL REFERENCES items (sku), quantity INTEGER NOT NULL CHECK (quantity > 0),
    supplier_id INTEGER REFERENCES suppliers (id), total_usd REAL NOT NULL, department TEXT NOT NULL REFERENCES departments (name),
    for_employee_id INTEGER REFERENCES employees (id), status TEXT NOT NULL, ordered_on TEXT NOT NULL, expected_on TEXT NOT NULL
);
CREATE TABLE quotes (number TEXT PRIMARY KEY, supplier_id INTEGER NOT NULL REFERENCES suppliers (id), sku TEXT NOT NULL REFERENCES items (sku), quantity INTEGER NOT NULL, total_usd REAL NOT NULL, valid_until TEXT NOT NULL);
CREATE TABLE invoices (number TEXT PRIMARY KEY, supplier_id INTEGER NOT NULL REFERENCES suppliers (id), po_number TEXT REFERENCES purchase_orders (number), amount_usd REAL NOT NULL, issued_on TEXT NOT NULL, due_on TEXT NOT NULL, status TEXT NOT NULL);
CREATE TABLE assets (tag TEXT PRIMARY KEY, sku TEXT NOT NULL REFERENCES items (sku), status TEXT NOT NULL, department TEXT REFERENCES departments (name), employee_id INTEGER REFERENCES employees (id), since TEXT NOT NULL);
CREATE TABLE licences (sku TEXT NOT NULL REFERENCES items (sku), department TEXT NOT NULL REFERENCES departments (name), seats INTEGER NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (sku, department), CHECK (used <= seats));
CREATE TABLE installations (employee_id INTEGER NOT NULL REFERENCES employees (id), sku TEXT NOT NULL REFERENCES items (sku), installed_on TEXT NOT NULL, PRIMARY KEY (employee_id, sku));

-- IT
CREATE TABLE mailboxes (address TEXT PRIMARY KEY COLLATE NOCASE, kind TEXT NOT NULL, employee_id INTEGER NOT NULL REFERENCES employees (id), created_on TEXT NOT NULL);
CREATE TABLE vpn_access (employee_id INTEGER PRIMARY KEY REFERENCES employees (id), granted_on TEXT NOT NULL, until TEXT);
CREATE TABLE databases (name TEXT PRIMARY KEY, purpose TEXT NOT NULL, owner_id INTEGER NOT NULL REFERENCES employees (id), sensitive INTEGER NOT NULL);
CREATE TABLE database_access (employee_id INTEGER NOT NULL REFERENCES employees (id), database TEXT NOT NULL REFERENCES databases (name), level TEXT NOT NULL, granted_on TEXT NOT NULL, until TEXT, PRIMARY KEY (employee_id, database));
CREATE TABLE password_resets (id INTEGER PRIMARY KEY, employee_id INTEGER NOT NULL REFERENCES employees (id), reset_on TEXT NOT NULL, link_sent_to TEXT NOT NULL);
CREATE TABLE systems (name TEXT PRIMARY KEY, status TEXT NOT NULL, note TEXT, last_backup TEXT NOT NULL);
CREATE TABLE tickets (number TEXT PRIMARY KEY, title TEXT NOT NULL, description TEXT NOT NULL, priority TEXT NOT NULL, status TEXT NOT NULL, employee_id INTEGER NOT NULL REFERENCES employees (id), assignee_id INTEGER REFERENCES employees (id), opened_on TEXT NOT NULL, closed_on TEXT, resolution TEXT);

-- Products and customers
CREATE TABLE products (name TEXT PRIMARY KEY COLLATE NOCASE, category TEXT NOT NULL, price_usd REAL NOT NULL CHECK (price_usd > 0), per TEXT NOT NULL, launched_on TEXT NOT NULL, description TEXT NOT NULL);
CREATE TABLE promotions (id INTEGER PRIMARY KEY, product TEXT NOT NULL REFERENCES products (name), percent REAL NOT NULL, first_day TEXT NOT NULL, last_day TEXT NOT NULL);
CREATE TABLE feedback (id INTEGER PRIMARY KEY, product TEXT NOT NULL REFERENCES products (name), rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5), comment TEXT NOT NULL, given_on TEXT NOT NULL);
CREATE TABLE sales (product TEXT NOT NULL REFERENCES products (name), month TEXT NOT NULL, units INTEGER NOT NULL, revenue_usd REAL NOT NULL, PRIMARY KEY (product, month));
CREATE TABLE mobile_plans (name TEXT PRIMARY KEY COLLATE NOCASE, price_usd REAL NOT NULL, data TEXT NOT NULL, calls TEXT NOT NULL);
CREATE TABLE roaming_plans (name TEXT PRIMARY KEY COLLATE NOCASE, region TEXT NOT NULL, countries TEXT NOT NULL, price_usd REAL NOT NULL, per TEXT NOT NULL, includes TEXT NOT NULL);
CREATE TABLE extras_packs (name TEXT PRIMARY KEY COLLATE NOCASE, price_usd REAL NOT NULL, includes TEXT NOT NULL);
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, email TEXT NOT NULL, segment TEXT NOT NULL, newsletter INTEGER NOT NULL, employee_id INTEGER REFERENCES employees (id));
CREATE TABLE subscriptions (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), phone_number TEXT NOT NULL UNIQUE, plan TEXT NOT NULL REFERENCES mobile_plans (name), since TEXT NOT NULL, billing_day INTEGER NOT NULL, next_plan TEXT REFERENCES mobile_plans (name), next_plan_from TEXT);
CREATE TABLE roaming (subscription_id INTEGER PRIMARY KEY REFERENCES subscriptions (id), roaming_plan TEXT NOT NULL REFERENCES roaming_plans (name), first_day TEXT NOT NULL, last_day TEXT);
CREATE TABLE subscription_extras (subscription_id INTEGER NOT NULL REFERENCES subscriptions (id), pack TEXT NOT NULL REFERENCES extras_packs (name), first_day TEXT NOT NULL, PRIMARY KEY (subscription_id, pack));
CREATE TABLE bills (number TEXT PRIMARY KEY, subscription_id INTEGER NOT NULL REFERENCES subscriptions (id), billed_on TEXT NOT NULL, amount_usd REAL NOT NULL, status TEXT NOT NULL);

-- Marketing
CREATE TABLE campaigns (name TEXT PRIMARY KEY COLLATE NOCASE, audience TEXT NOT NULL, channel TEXT NOT NULL, budget_usd REAL NOT NULL, first_day TEXT NOT NULL, last_day TEXT NOT NULL, status TEXT NOT NULL, cost_usd REAL NOT NULL DEFAULT 0, impressions INTEGER NOT NULL DEFAULT 0, clicks INTEGER NOT NULL DEFAULT 0, sales_usd REAL NOT NULL DEFAULT 0);
CREATE TABLE press_contacts (id INTEGER PRIMARY KEY, name TEXT NOT NULL, outlet TEXT NOT NULL, topics TEXT NOT NULL, email TEXT NOT NULL);
CREATE TABLE press_releases (number TEXT PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL, release_date TEXT NOT NULL, status TEXT NOT NULL);
CREATE TABLE press_mailings (release TEXT NOT NULL REFERENCES press_releases (number), contact_id INTEGER NOT NULL REFERENCES press_contacts (id), sent_on TEXT NOT NULL, PRIMARY KEY (release, contact_id));
CREATE TABLE social_posts (id INTEGER PRIMARY KEY, platform TEXT NOT NULL, body TEXT NOT NULL, post_on TEXT NOT NULL, status TEXT NOT NULL);
CREATE TABLE mailings (id INTEGER PRIMARY KEY, subject TEXT NOT NULL, body TEXT NOT NULL, audience TEXT NOT NULL, recipients INTEGER NOT NULL, sent_on TEXT NOT NULL);
CREATE TABLE surveys (id INTEGER PRIMARY KEY, topic TEXT NOT NULL, audience TEXT NOT NULL, invited INTEGER NOT NULL, started_on TEXT NOT NULL, closes_on TEXT NOT NULL);
CREATE TABLE competitors (name TEXT PRIMARY KEY, share_percent REAL NOT NULL, cheapest_plan_usd REAL NOT NULL, strengths TEXT NOT NULL, weaknesses TEXT NOT NULL);

-- Legal
CREATE TABLE contracts (number TEXT PRIMARY KEY, title TEXT NOT NULL, counterparty TEXT NOT NULL, kind TEXT NOT NULL, value_usd REAL NOT NULL, first_day TEXT NOT NULL, last_day TEXT NOT NULL, notice_days INTEGER NOT NULL, status TEXT NOT NULL, terms TEXT NOT NULL, contact_email TEXT);
CREATE TABLE contract_reviews (id INTEGER PRIMARY KEY, contract TEXT NOT NULL REFERENCES contracts (number), risk TEXT NOT NULL, findings TEXT NOT NULL, reviewed_on TEXT NOT NULL);
CREATE TABLE signature_requests (contract TEXT PRIMARY KEY REFERENCES contracts (number), signer_email TEXT NOT NULL, sent_on TEXT NOT NULL);
CREATE TABLE trademarks (mark TEXT PRIMARY KEY COLLATE NOCASE, holder TEXT NOT NULL, goods TEXT NOT NULL, status TEXT NOT NULL, filed_on TEXT NOT NULL);
CREATE TABLE data_requests (number TEXT PRIMARY KEY, person TEXT NOT NULL, kind TEXT NOT NULL, received_on TEXT NOT NULL, due_on TEXT NOT NULL, status TEXT NOT NULL);
