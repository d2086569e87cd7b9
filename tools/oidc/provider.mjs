// An OpenID provider for tests: node provider.mjs PORT REDIRECT_URI. It prints "ready" and its issuer.
// Whoever signs in as NAME (any password) is NAME@corp.example. A name that begins with "un" has an
// address that is not verified, one that begins with "no" has none, one with "at_" NAME's local part
// and domain: at_ann_example.org is ann@example.org.
import Provider from "oidc-provider";

const [port, redirectUri] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

function address(name) {
  const [, local, domain] = name.match(/^at_([^_]+)_(.+)$/) ?? [];
  return local ? `${local}@${domain}` : `${name}@corp.example`;
}

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "chirp",
      client_secret: "a secret of the provider and Chirp",
      redirect_uris: [redirectUri],
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
  ],
  claims: {
    openid: ["sub"],
    email: ["email", "email_verified"],
    profile: ["name", "preferred_username"],
  },
  cookies: { keys: ["only for tests"] },
  pkce: { required: () => true },
  ttl: { AuthorizationCode: 60, AccessToken: 300, IdToken: 300, Interaction: 600, Grant: 600, Session: 600 },
  async findAccount(_, id) {
    const claims = { sub: id, name: `${id} of Corp`, preferred_username: id };
    if (!id.startsWith("no")) {
      claims.email = address(id);
      claims.email_verified = !id.startsWith("un");
    }
    return { accountId: id, claims: async () => claims };
  },
});

provider.listen(Number(port), "127.0.0.1", () => console.log(`ready ${issuer}`));
