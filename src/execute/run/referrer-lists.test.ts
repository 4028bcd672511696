import { beforeEach, describe, expect, it } from 'vitest';
import { imageMaker, tagName } from '../../../test/kit/images.ts';
import { config, destination, fromOne, MemoryWorld, stage } from '../../../test/kit/memory-world.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { fallbackTagOf } from '../../oci/referrers-tag.ts';
import { verifySync } from '../verify/verify.ts';
import { type RunOptions, runSync } from './run.ts';

const intent = config(stage('some', { from: fromOne('hub', 'app'), to: [destination('active', 'app')] }));

let world: MemoryWorld;
let image: Descriptor;
let signature: Descriptor;
let list: string;

/** A signed image at a registry that keeps no referrers; the destination is one that does. */
beforeEach(() => {
  world = new MemoryWorld();
  const make = imageMaker(world.memory('hub', 'app'));
  image = make.image([make.blob('layer')]);
  make.tag('v1', image);
  signature = make.image([make.blob('signature')], { subject: image });
  list = fallbackTagOf(image.digest);
  make.tag(list, make.index([signature]));
});

async function run(options: Partial<RunOptions> = {}) {
  world.forgetCalls();
  const { plans } = await runSync(intent, world, { emit: () => {}, now: () => 0, ...options });
  const [plan] = plans;
  return {
    actions: plan?.items.map(({ action, target }) => `${action} ${target}`),
    same: plan?.same,
    written: world.at('active', 'app').calls.log.filter((call) => call.startsWith('push')),
  };
}

async function verify() {
  const { items, totals } = await verifySync(intent, world, { intent: 'a.yaml', emit: () => {}, now: () => 0 });
  return { whole: totals.whole, told: items.map(({ state, destination: at }) => `${state} ${at}`) };
}

/** The destination has a list too, in words of its own. */
function listedElsewise(): void {
  const make = imageMaker(world.memory('active', 'app'));
  make.tag(list, make.index([{ ...signature, annotations: { by: 'another tool' } }]));
}

describe('a tag that lists referrers', () => {
  it('is the same where the destination keeps what it lists under no tag', async () => {
    expect((await run()).actions).toEqual([`copy ${list}`, 'copy v1']);
    expect(world.memory('active', 'app').tags.has(tagName(list))).toBe(false);
    expect(await run()).toEqual({ actions: [], same: 2, written: [] });
    expect(await verify()).toEqual({ whole: 2, told: [] });
  });

  it('is the same where the destination has a list of its own of just that', async () => {
    await run();
    listedElsewise();
    expect(await run()).toEqual({ actions: [], same: 2, written: [] });
    expect(await verify()).toEqual({ whole: 2, told: [] });
  });

  it('differs where the source has a signature more', async () => {
    await run();
    listedElsewise();
    const make = imageMaker(world.memory('hub', 'app'));
    const more = make.image([make.blob('second signature')], { subject: image });
    make.tag(list, make.index([signature, more]));
    expect((await verify()).told).toContain(`differs active.example.com/app:${list}`);
    expect(await run()).toMatchObject({ actions: [`update ${list}`], same: 1 });
    expect(world.memory('active', 'app').manifests.has(more.digest)).toBe(true);
  });

  it('is looked into only where that is no counted pull', async () => {
    await run();
    expect((await run({ looksInto: () => false })).actions).toEqual([`copy ${list}`]);
  });
});
