// Calls of masto.js, the library of Elk and Phanpy. Arguments: base URL, token, id of an account.
import { createRestAPIClient } from "masto";

const [url, accessToken, otherId] = process.argv.slice(2);
const client = createRestAPIClient({ url, accessToken });
const { v1, v2 } = client;
let failed = 0;

async function call(name, work) {
  try {
    const found = await work();
    console.log(`ok ${name}`);
    return found;
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${name}: ${error.stack ?? error}`);
  }
}

const instance = await call("v2.instance", () => v2.instance.fetch());
console.log(instance?.domain, instance?.apiVersions);
await call("v1.instance", () => v1.instance.fetch());
await call("verifyCredentials", () => v1.accounts.verifyCredentials());
await call("updateCredentials", () => v1.accounts.updateCredentials({ displayName: "Masto", note: "hi" }));
await call("preferences", () => v1.preferences.fetch());
await call("markers", () => v1.markers.fetch({ timeline: ["home", "notifications"] }));
await call("customEmojis", () => v1.customEmojis.list());
await call("lists", () => v1.lists.list());
await call("filters", () => v2.filters.list());
await call("followedTags", () => v1.followedTags.list());
await call("announcements", () => v1.announcements.list());
await call("trends", () => v1.trends.tags.list());
await call("notifications", () => v1.notifications.list({ limit: 30 }));
await call("grouped notifications", () => v2.notifications.list({ limit: 1 }));
await call("relationships", () => v1.accounts.relationships.fetch({ id: [otherId] }));
await call("follow", () => v1.accounts.$select(otherId).follow({ reblogs: false }));
await call("unfollow", () => v1.accounts.$select(otherId).unfollow());
await call("lookup", async () => v1.accounts.lookup({ acct: (await v1.accounts.$select(otherId).fetch()).acct }));

const status = await call("statuses.create", () => v1.statuses.create({ status: "from masto.js #masto", visibility: "public" }));
const one = v1.statuses.$select(status.id);
for (const name of ["favourite", "unfavourite", "bookmark", "unbookmark", "reblog", "unreblog", "pin", "unpin", "mute", "unmute"]) {
  await call(name, () => one[name]());
}
await call("context", () => one.context.fetch());
await call("source", () => one.source.fetch());
await call("history", () => one.history.list());
await call("update", () => one.update({ status: "edited" }));
for (let number = 0; number < 5; number += 1) {
  await v1.statuses.create({ status: `number ${number}` });
}
await call("pages of home", async () => {
  const seen = [];
  for await (const page of v1.timelines.home.list({ limit: 2 })) {
    seen.push(...page.map((each) => each.id));
    if (seen.length > 20) throw new Error("the pages do not end");
  }
  if (new Set(seen).size !== seen.length || seen.length < 6) throw new Error(`pages: ${seen}`);
});
await call("public", () => v1.timelines.public.list({ limit: 2 }));
await call("tag", () => v1.timelines.tag.$select("masto").list());
await call("search", () => v2.search.list({ q: status.url, resolve: true }));
await call("remove", () => one.remove());
await call("a 404 is an error with a sentence", async () => {
  try {
    await one.fetch();
  } catch (error) {
    if (error.message === "Record not found") return;
    throw error;
  }
  throw new Error("it is still there");
});
process.exit(failed ? 1 : 0);
