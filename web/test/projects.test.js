import assert from "node:assert/strict";
import test from "node:test";

import { baseOf } from "../api.js";
import { shownHref } from "../projects.js";

test("addresses start with the project under which the page stands", () => {
  assert.equal(baseOf("/p/essen/"), "/p/essen");
  assert.equal(baseOf("/p/mijn-dorp_2/"), "/p/mijn-dorp_2");
  assert.equal(baseOf("/"), "");
  assert.equal(baseOf("/p/essen"), "");
  assert.equal(baseOf("/p/../x/"), "");
});

test("the project shown is the one of the address, else the first", () => {
  const projects = ["a", "b"].map((id) => ({ id, title: id, href: `/p/${id}/`, ready: true }));
  assert.equal(shownHref(projects, "/p/b"), "/p/b/");
  assert.equal(shownHref(projects, ""), "/p/a/");
  assert.equal(shownHref([], ""), "");
});
