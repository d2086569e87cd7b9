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

// The rest of what it wraps and Chirp answers.
const other = v1.accounts.$select(otherId);
for (const [name, work] of Object.entries({
  "accounts.search": () => v1.accounts.search.list({ q: "other" }),
  "accounts.fetch of several": () => v1.accounts.fetch({ id: [otherId] }),
  familiarFollowers: () => v1.accounts.familiarFollowers.fetch({ id: [otherId] }),
  "accounts.statuses": () => other.statuses.list({ excludeReplies: true, limit: 5 }),
  "accounts.followers": () => other.followers.list(),
  "accounts.following": () => other.following.list(),
  "accounts.lists": () => other.lists.list(),
  "accounts.featuredTags": () => other.featuredTags.list(),
  "accounts.follow": () => other.follow(),
  "accounts.endorse": () => other.endorse(),
  "accounts.unendorse": () => other.unendorse(),
  "accounts.note": () => other.note.create({ comment: "a note" }),
  "accounts.mute": () => other.mute({ duration: 600 }),
  mutes: () => v1.mutes.list(),
  "accounts.unmute": () => other.unmute(),
  "accounts.block": () => other.block(),
  blocks: () => v1.blocks.list(),
  "accounts.unblock": () => other.unblock(),
  removeFromFollowers: () => other.removeFromFollowers(),
  followRequests: () => v1.followRequests.list(),
  bookmarks: () => v1.bookmarks.list(),
  favourites: () => v1.favourites.list(),
  conversations: () => v1.conversations.list(),
  directory: () => v1.directory.list(),
  domainBlocks: () => v1.domainBlocks.list(),
  endorsements: () => v1.endorsements.list(),
  featuredTags: () => v1.featuredTags.list(),
  "v1.filters": () => v1.filters.list(),
  "instance.rules": () => v1.instance.rules.list(),
  "instance.languages": () => v1.instance.languages.list(),
  "instance.peers": () => v1.instance.peers.list(),
  "instance.extendedDescription": () => v1.instance.extendedDescription.fetch(),
  scheduledStatuses: () => v1.scheduledStatuses.list(),
  "v2.suggestions": () => v2.suggestions.list(),
  "trends.statuses": () => v1.trends.statuses.list(),
  "trends.links": () => v1.trends.links.list(),
  "tags.fetch": () => v1.tags.$select("masto").fetch(),
  "tags.feature": () => v1.tags.$select("masto").feature(),
  "tags.unfeature": () => v1.tags.$select("masto").unfeature(),
  "tags.follow": () => v1.tags.$select("masto").follow(),
  "tags.unfollow": () => v1.tags.$select("masto").unfollow(),
  "apps.verifyCredentials": () => v1.apps.verifyCredentials(),
  "notifications.unreadCount": () => v1.notifications.unreadCount.fetch(),
  "notifications.policy": () => v2.notifications.policy.fetch(),
  "notifications.requests": () => v1.notifications.requests.list(),
  favouritedBy: () => one.favouritedBy.list(),
  rebloggedBy: () => one.rebloggedBy.list(),
  "statuses.fetch of several": () => v1.statuses.fetch({ id: [status.id] }),
  "timelines.tag, several": () => v1.timelines.tag.$select("x").list({ any: ["masto"], limit: 5 }),
  "reports.create": () => v1.reports.create({ accountId: otherId, comment: "a report", category: "other" }),
  "markers.create": () => v1.markers.create({ home: { lastReadId: status.id } }),
  "notifications.clear": () => v1.notifications.clear(),
})) {
  await call(name, work);
}
const list = await call("lists.create", () => v1.lists.create({ title: "Friends" }));
const friends = v1.lists.$select(list.id);
await call("lists.accounts.create", () => friends.accounts.create({ accountIds: [otherId] }));
await call("lists.accounts.list", () => friends.accounts.list());
await call("timelines.list", () => v1.timelines.list.$select(list.id).list());
await call("lists.accounts.remove", () => friends.accounts.remove({ accountIds: [otherId] }));
await call("lists.update", () => friends.update({ title: "Others" }));
await call("lists.remove", () => friends.remove());
const filter = await call("filters.create", () =>
  v2.filters.create({
    title: "Fruit",
    context: ["home"],
    filterAction: "warn",
    keywordsAttributes: [{ keyword: "banana", wholeWord: true }],
  }),
);
const fruit = v2.filters.$select(filter.id);
await call("filters.update", () => fruit.update({ title: "Fruits" }));
const word = await call("filters.keywords.create", () => fruit.keywords.create({ keyword: "kiwi" }));
await call("filters.keywords.update", () => v2.filters.keywords.$select(word.id).update({ keyword: "kiwis" }));
await call("filters.keywords.remove", () => v2.filters.keywords.$select(word.id).remove());
await call("filters.remove", () => fruit.remove());
const asking = await call("statuses.create with a poll", () =>
  v1.statuses.create({ status: "?", poll: { options: ["a", "b"], expiresIn: 3600 } }),
);
await call("polls.fetch", () => v1.polls.$select(asking.poll.id).fetch());
const quoting = await call("statuses.create, quoting", () =>
  v1.statuses.create({ status: "see", quotedStatusId: status.id }),
);
await call("quotes", () => one.quotes.list());
await call("quotes.revoke", () => one.quotes.$select(quoting.id).revoke());
await call("interactionPolicy", () => one.interactionPolicy.update({ quoteApprovalPolicy: "nobody" }));
const hours = (number) => new Date(Date.now() + number * 3600e3).toISOString();
const later = await call("statuses.create, scheduled", () =>
  v1.statuses.create({ status: "later", scheduledAt: hours(2) }),
);
await call("scheduledStatuses.fetch", () => v1.scheduledStatuses.$select(later.id).fetch());
await call("scheduledStatuses.update", () =>
  v1.scheduledStatuses.$select(later.id).update({ scheduledAt: hours(3) }),
);
await call("scheduledStatuses.remove", () => v1.scheduledStatuses.$select(later.id).remove());
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
