-- What follows from the people and things: each active colleague has a mailbox, a badge, pay, leave and a laptop.
INSERT INTO mailboxes SELECT email, 'personal', id, start_date FROM employees WHERE status IN ('active', 'on leave');
INSERT INTO mailboxes VALUES ('info@contoso.com', 'shared', 37, '2019-04-01'), ('press@contoso.com', 'shared', 15, '2020-09-14'), ('helpdesk@contoso.com', 'shared', 30, '2019-04-01');
INSERT INTO payroll SELECT id, 52000 + (id * 3700) % 41000 + CASE WHEN manager_id IS NULL THEN 160000 WHEN manager_id IN (1, 6) THEN 65000 ELSE 0 END, start_date FROM employees WHERE status IN ('active', 'on leave');
INSERT INTO benefits SELECT id, CASE id % 3 WHEN 0 THEN 'Family' WHEN 1 THEN 'Standard' ELSE 'Plus' END, start_date FROM employees WHERE status IN ('active', 'on leave');
INSERT INTO id_cards SELECT 'ID-' || (7000 + id), id, 'active', start_date FROM employees WHERE status IN ('active', 'on leave');
INSERT INTO id_cards SELECT 'ID-' || (7000 + id), id, 'blocked', start_date FROM employees WHERE status = 'left';
INSERT INTO handbook_receipts SELECT id, '2026', start_date FROM employees WHERE status IN ('active', 'on leave');
INSERT INTO leave_balances SELECT id, 'vacation', 4 + (id * 7) % 17 FROM employees WHERE status IN ('active', 'on leave');
INSERT INTO leave_balances SELECT id, 'sick', 10 - id % 5 FROM employees WHERE status IN ('active', 'on leave');
INSERT INTO leave_balances SELECT id, 'parental', CASE WHEN id % 11 = 0 THEN 80 ELSE 0 END FROM employees WHERE status IN ('active', 'on leave');
INSERT INTO vpn_access SELECT id, start_date, NULL FROM employees WHERE status = 'active' AND (department IN ('IT', 'Sales') OR location <> 'Seattle');
INSERT INTO assets SELECT 'A-' || (1000 + id), CASE WHEN department IN ('Product', 'IT') THEN 'LAP-16' WHEN manager_id = 1 THEN 'LAP-MB' ELSE 'LAP-14' END, 'in use', department, id, start_date FROM employees WHERE status IN ('active', 'on leave');
INSERT INTO assets SELECT 'A-1901', 'LAP-14', 'IT pool', 'IT', NULL, value FROM meta WHERE key = 'seeded_on';
INSERT INTO assets SELECT 'A-1902', 'LAP-14', 'IT pool', 'IT', NULL, value FROM meta WHERE key = 'seeded_on';
INSERT INTO assets SELECT 'A-1903', 'PRO-1', 'in use', 'Operations', NULL, value FROM meta WHERE key = 'seeded_on';
