// A real identity provider for the tests: npm's oidc-provider with its own pages for signing in.
// Arguments: where people are sent back to, and the client's secret. Says its issuer on standard output.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [redirect, secret] = process.argv.slice(2);
const GROUPS = { kato: ["mail-reviewers", "staff"], nobody: ["staff"], sato: ["mail-reviewers"] };
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "sekimori", client_secret: secret, redirect_uris: [redirect] }],
    claims: {
      openid: ["sub"],
      profile: ["name", "preferred_username", "groups"],
      email: ["email", "email_verified"],
    },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    cookies: { keys: ["only for tests"] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        name: `${id} <b>さん</b>`,
        preferred_username: id,
        email: `${id}@village.example.lg.jp`,
        email_verified: true,
        groups: GROUPS[id] ?? [],
      }),
    }),
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
