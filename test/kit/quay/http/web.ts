import { findApplication } from '../api/applications.ts';
import type { Endpoint } from '../api/dispatch.ts';
import { encryptedPassword } from '../auth/login.ts';
import { addToken, parseScopes } from '../auth/oauth.ts';
import { sessionOf, startSession, withSession } from '../auth/sessions.ts';
import { addUser, findUser } from '../model/accounts.ts';
import { namespaceProblem, passwordProblem } from '../model/names.ts';
import { feature, knows, type World } from '../model/world.ts';
import { configDocument } from './config.ts';
import { empty, frameworkPage, json, ok, type Reply, serverErrorPage, text, webApplicationPage } from './reply.ts';
import type { FakeRequest } from './request.ts';
import type { Rule } from './router.ts';

const noCache = { 'Cache-Control': 'no-cache, no-store, must-revalidate', Vary: 'Cookie' };

/** What Quay serves outside its API: the pages and calls of its web application. */
export const webRules: readonly Rule<Endpoint>[] = [
  get('/config', (world) => ok(configDocument(world))),
  get('/csrf_token', csrfToken),
  get('/health/instance', () => ok(instanceHealth, noCache)),
  get('/health', () => ok(instanceHealth, noCache)),
  get('/health/endtoend', () => ok(endToEndHealth, noCache)),
  get('/status', () => ok(endToEndHealth, noCache)),
  get('/health/warning', () => ok(health({ disk_space_warning: true }), noCache)),
  get('/.well-known/app-capabilities', (world) => ok(capabilities(world))),
  post('/api/v1/user/initialize', initializeUser),
  post('/oauth/authorizeapp', authorizeApplication),
  get('/{anything}/', (world, request) => webPage(world, request, 404)),
  get('/', (world, request) => webPage(world, request, 200)),
];

/** The call came after 3.15. Until then the token stood in the web application's page. */
function csrfToken(world: World, request: FakeRequest): Reply {
  if (!knows(world, '3.16')) return webPage(world, request, 404);
  const current = sessionOf(world, request) ?? startSession(world);
  return withSession(ok({ csrf_token: current.session.csrf }), current);
}

function webPage(world: World, request: FakeRequest, status: number): Reply {
  if (knows(world, '3.16')) return webApplicationPage(status);
  const current = sessionOf(world, request) ?? startSession(world);
  const script = `<script type="text/javascript">window.__token = '${current.session.csrf}';</script>`;
  return withSession(webApplicationPage(status, script), current);
}

function get(path: string, endpoint: Endpoint): Rule<Endpoint> {
  return { path, methods: new Map([['GET', endpoint]]), json: false };
}

function post(path: string, endpoint: Endpoint): Rule<Endpoint> {
  return { path, methods: new Map([['POST', endpoint]]), json: false };
}

function health(services: Readonly<Record<string, boolean>>): object {
  return { data: { services }, status_code: 200 };
}

const instanceHealth = health({
  auth: true,
  database: true,
  disk_space: true,
  registry_gunicorn: true,
  service_key: true,
  web_gunicorn: true,
});
const endToEndHealth = health({ auth: true, database: true, redis: true, storage: true });

function capabilities(world: World): object {
  const api = `${world.origin}/api/v1/repository/{namespace}/{reponame}`;
  return {
    appName: 'io.quay',
    capabilities: {
      'io.quay.view-image': { 'url-template': `${world.origin}/{namespace}/{reponame}:{tag}` },
      'io.quay.image-security': {
        'rest-api-template': `${api}/image/{imageid}/security`,
        deprecated: true,
      },
      'io.quay.manifest-security': { 'rest-api-template': `${api}/manifest/{digest}/security` },
    },
  };
}

/** Makes the first user of an empty Quay, signed in, with a token of two and a half hours if asked for. */
function initializeUser(world: World, request: FakeRequest): Reply {
  if (!feature(world, 'USER_INITIALIZE')) return text(404, '{"error": "Not Found"}');
  const body = initialBody(request);
  if ('reply' in body) return body.reply;
  const users = [...world.accounts.values()].filter((account) => account.kind === 'user');
  if (users.length > 0) return json(400, { message: 'Cannot initialize user in a non-empty database' });
  const { username, password, email, access_token: wantsToken } = body.value;
  if (typeof username !== 'string' || typeof password !== 'string') return serverErrorPage();
  const problem = passwordProblem(password) ?? namespaceProblem(username);
  if (problem !== undefined) return json(400, { message: `Failed to initialize user: ${problem}` });
  const address = typeof email === 'string' ? email : undefined;
  const user = addUser(world, { username, email: address, password });
  const token = wantsToken === true ? firstToken(world, username) : undefined;
  const answer = {
    ...(token === undefined ? {} : { access_token: token }),
    email: user.email,
    encrypted_password: encryptedPassword(password),
    username,
  };
  return withSession(ok(answer), startSession(world, username), true);
}

type InitialBody = Readonly<Record<string, unknown>>;

function initialBody(request: FakeRequest): { readonly value: InitialBody } | { readonly reply: Reply } {
  if (!/^application\/json/i.test(request.headers['content-type'] ?? '')) {
    const message =
      'Did not attempt to load JSON data because the request Content-Type was not &#39;application/json&#39;.';
    return { reply: frameworkPage(415, 'Unsupported Media Type', message) };
  }
  try {
    return { value: JSON.parse(request.body.toString('utf8')) as InitialBody };
  } catch {
    const message = 'The browser (or proxy) sent a request that this server could not understand.';
    return { reply: frameworkPage(400, 'Bad Request', message) };
  }
}

const firstTokenSeconds = 9000;

function firstToken(world: World, username: string): string {
  const user = findUser(world, username);
  if (user === undefined) throw new Error(`The user ${username} was just made`);
  const scopes = 'org:admin repo:admin repo:create repo:read repo:write super:user user:admin user:read'.split(' ');
  const application = { clientId: username, name: 'automation' };
  return addToken(world, { user, application, organization: username, scopes, seconds: firstTokenSeconds }).token;
}

/** The consent form of the web application: its answer is a redirect with the token behind `#`. */
function authorizeApplication(world: World, request: FakeRequest): Reply {
  const form = new URLSearchParams(request.body.toString('utf8'));
  const current = sessionOf(world, request);
  const user = current?.session.user === undefined ? undefined : findUser(world, current.session.user);
  if (current === undefined || current.session.csrf !== form.get('_csrf_token') || user === undefined) {
    return text(403, '{"error": "CSRF token was invalid or missing."}');
  }
  const target = form.get('redirect_uri') ?? `${world.origin}/oauth/localapp`;
  const found = findApplication({ world }, form.get('client_id') ?? '');
  if (found === undefined) return withSession(found302(`${target}?error=unauthorized_client`), current);
  const own = found.application.redirectUri;
  if (target !== `${world.origin}/oauth/localapp` && (own === '' || !target.startsWith(own))) {
    return withSession(json(400, { error: 'invalid_request' }), current);
  }
  const asked = form.get('scope') ?? '';
  const scopes = parseScopes(asked);
  if (scopes === undefined) return withSession(found302(`${target}?error=invalid_scope`), current);
  const token = addToken(world, {
    user,
    application: found.application,
    organization: found.organization.username,
    scopes,
  });
  const query = new URLSearchParams({ scope: asked, state: form.get('state') ?? '' });
  const fragment = `access_token=${token.token}&token_type=Bearer&expires_in=315576000`;
  return withSession(found302(`${target}?${query}#${fragment}`), current);
}

function found302(location: string): Reply {
  return empty(302, { Location: location });
}
