// A provider on `oidc-provider`: reads its configuration as one line of JSON, prints its port, and ends with its input.
// Whoever logs in says who he is by a document of claims, and at which level. No line of ours that
// judges a login is used here.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const require = createRequire(process.argv[2]);
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")).href);
const lines = createInterface({ input: process.stdin });
const setting = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);

const people = new Map(); // what each last said of himself, by his subject
const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const port = server.address().port;
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
    clients: setting.clients.map((client) => ({
        grant_types: ["authorization_code"],
        response_types: ["code"],
        token_endpoint_auth_method: "private_key_jwt",
        token_endpoint_auth_signing_alg: "RS256",
        ...client,
    })),
    clientAuthMethods: ["private_key_jwt"],
    enabledJWA: {
        clientAuthSigningAlgValues: ["RS256", "PS256"],
        idTokenSigningAlgValues: ["RS256", "PS256", "PS512"],
    },
    jwks: setting.keys,
    cookies: { keys: ["of this test alone"] },
    acrValues: setting.levels,
    claims: { openid: ["sub", ...setting.claims], acr: null, auth_time: null },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (context, interaction) => `/who/${interaction.uid}` },
    findAccount: (context, id) => ({
        accountId: id,
        claims: () => people.get(id),
    }),
    loadExistingGrant: async (context) => {
        const grant = new context.oidc.provider.Grant({
            clientId: context.oidc.client.clientId,
            accountId: context.oidc.session.accountId,
        });
        grant.addOIDCScope("openid");
        await grant.save();
        return grant;
    },
});
const handle = provider.callback();
server.on("request", async (request, response) => {
    const address = new URL(request.url, issuer);
    if (!address.pathname.startsWith("/who/")) return handle(request, response);
    const said = JSON.parse(address.searchParams.get("said"));
    const level = address.searchParams.get("level");
    if (said !== null) people.set(said.sub, said);
    const result = said === null
        ? { error: "access_denied" }
        : { login: { accountId: said.sub, ...(level === null ? {} : { acr: level }) } };
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
});
console.log(port);
lines.on("close", () => process.exit(0));
