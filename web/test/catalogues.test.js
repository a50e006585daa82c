import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";

const WEB = new URL("..", import.meta.url);
const read = async (lang) => JSON.parse(await readFile(new URL(`lang/${lang}.json`, WEB), "utf8"));
const [nl, fr, en] = await Promise.all(["nl", "fr", "en"].map(read));
const places = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

async function sources() {
  const names = (await readdir(WEB)).filter((name) => name.endsWith(".js") || name === "index.html");
  return (await Promise.all(names.map((name) => readFile(new URL(name, WEB), "utf8")))).join("\n");
}

test("the three languages have the same keys, in the same order", () => {
  assert.deepEqual(Object.keys(fr), Object.keys(nl));
  assert.deepEqual(Object.keys(en), Object.keys(nl));
});

test("no text is empty and each holds the same places for values", () => {
  for (const key of Object.keys(nl)) {
    for (const texts of [nl, fr, en]) {
      assert.ok(texts[key].trim(), key);
      assert.deepEqual(places(texts[key]), places(nl[key]), key);
    }
  }
});

test("every key that the page names exists", async () => {
  const text = await sources();
  const named = [
    ...[...text.matchAll(/\bt\("([\w.]+)"/g)].map((match) => match[1]),
    ...[...text.matchAll(/data-i18n(?:-\w+)?="([\w.]+)"/g)].map((match) => match[1]),
    ...[...text.matchAll(/"data-i18n-\w+": "([\w.]+)"/g)].map((match) => match[1]),
  ];
  assert.ok(named.length > 80, `only ${named.length} keys found in the sources`);
  assert.deepEqual([...new Set(named)].filter((key) => !(key in nl)), []);
});

test("every key is used, by name or by the start of its name", async () => {
  const text = await sources();
  const starts = [...text.matchAll(/`([a-z_]+(?:\.[a-z_]+)*\.)\$\{/g)].map((match) => match[1]);
  const groups = [...text.matchAll(/word\("([a-z_]+)"/g)].map((match) => `${match[1]}.`);
  const unused = Object.keys(nl).filter((key) => !text.includes(`"${key}"`) && ![...starts, ...groups].some((start) => key.startsWith(start)));
  assert.deepEqual(unused.filter((key) => !key.startsWith("wind.")), []);
});
