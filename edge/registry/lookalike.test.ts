import { expect, it } from "vitest";
import { looksLike } from "./lookalike.ts";

it.each([
  ["@stripe/pay", "@str1pe/pay"],
  ["@acme-labs/pay", "@acmelabs/pay"],
  ["@acme/pay-now", "@acme-pay/now"],
  ["@google/pay", "@g00gle/pay"],
  ["@google/pay", "@googel/pay"],
  ["@google/pay", "@gogle/pay"],
  ["@google/pay", "@gooogle/pay"],
  ["@google/pay", "@boogle/pay"],
  ["@umbrella/pay", "@umbre11a/pay"],
  ["@modern/pay", "@modem/pay"],
  ["@vvidgets/pay", "@widgets/pay"],
  ["@acme1/pay", "@acme/pay"],
  ["pаy-cards", "pay-cards"],
])("%s looks like %s", (one, other) => {
  expect([looksLike(one, other), looksLike(other, one)]).toEqual([true, true]);
});

it.each([
  ["@google/pay", "@goggles/pay"],
  ["@google/pay", "@elgoog/pay"],
  ["@team-1/pay", "@team-2/pay"],
  ["@team9/pay", "@team10/pay"],
  ["@tenant-a/pay", "@tenant-b/pay"],
  ["@a/x", "@b/x"],
  ["crm", "crn"],
])("%s does not look like %s", (one, other) => {
  expect([looksLike(one, other), looksLike(other, one)]).toEqual([false, false]);
});
