import { expect, it } from "vitest";

const readme = Object.values(
  import.meta.glob<string>("./README.md", { query: "?raw", import: "default", eager: true }),
)[0];
const migrations = import.meta.glob<string>("./migrations/*/*.sql", {
  query: "?raw",
  import: "default",
  eager: true,
});

it("README.md describes every table that a migration makes, and no other", () => {
  const made = Object.values(migrations).flatMap((sql) =>
    [...sql.matchAll(/CREATE (?:VIRTUAL )?TABLE (\w+)/g)].map((match) => match[1] ?? ""),
  );
  const described = [...(readme ?? "").matchAll(/^\| `(\w+)` +\|/gm)].map(
    (match) => match[1] ?? "",
  );
  expect(made.length).toBeGreaterThan(15);
  expect(described.toSorted()).toEqual([...made, "migrations"].toSorted());
});
