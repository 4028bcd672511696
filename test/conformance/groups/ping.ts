import { group } from '../case.ts';
import { expectRefused, expectStatus } from '../expect.ts';

/** Distribution specification, "Determining support" (end-1). */
export const ping = group('ping', {
  async 'the base of the API answers 200'(registry) {
    expectStatus(await registry.send({ method: 'GET', path: '/v2/' }), 200);
  },
  async 'a query that nobody knows changes nothing'(registry) {
    expectStatus(await registry.send({ method: 'GET', path: '/v2/?ns=docker.io&x=%20' }), 200);
  },
  async 'a header that nobody knows changes nothing'(registry) {
    expectStatus(await registry.send({ method: 'GET', path: '/v2/', headers: { 'oci-namespace': 'docker.io' } }), 200);
  },
  async 'the base does not need a particular Accept'(registry) {
    expectStatus(await registry.send({ method: 'GET', path: '/v2/', headers: { accept: 'text/plain' } }), 200);
  },
  async 'a path that is no endpoint is not found'(registry) {
    expectRefused(await registry.send({ method: 'GET', path: `/v2/${registry.repository()}/nothing/here` }));
  },
  async 'a method that no endpoint has is refused'(registry) {
    expectRefused(await registry.send({ method: 'PATCH', path: `/v2/${registry.repository()}/tags/list` }));
  },
});
