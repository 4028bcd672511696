/** What has to be done so that the destination mirrors an organisation: pure, from what a survey saw. */
import type { TranshipError } from '../../oci/errors.ts';
import { call, create, type QuayChange, type QuayRemark, remove, update } from '../declared/change.ts';
import { compareMirror, type MirrorAbilities } from '../declared/mirror.ts';
import type { ObservedRepository } from '../declared/observed.ts';
import { declaredMirror, type MirrorSetup } from './setup.ts';
import { startOf } from './start.ts';
import type { Found, FoundRepository, MirrorSurvey, RobotFound } from './survey.ts';

/** What was found under a repository's name, as people tell it. */
type Situation =
  | 'absent'
  /** It exists and is no mirror. */
  | 'plain'
  | 'mirror'
  /** READ_ONLY, or mirrored by its organisation: not ours to touch. */
  | 'left-alone'
  | 'unreadable';

export interface RepositoryMirrorPlan {
  /** `namespace/name` at the destination. */
  readonly repository: string;
  readonly situation: Situation;
  /** As the server says it; absent where there is nothing or it cannot be read. */
  readonly state?: string;
  readonly changes: readonly QuayChange[];
  /** The repository holds tags, which mirroring deletes where the source has none of that name. */
  readonly takesOver?: boolean;
  /** Why nothing can be done for it. */
  readonly error?: TranshipError;
}

export interface MirrorPlan {
  /** Before all others: the robot, and its permission in new repositories. */
  readonly robot: readonly QuayChange[];
  readonly repositories: readonly RepositoryMirrorPlan[];
  /** Mirrors whose source is not there any more; removed only where that is asked for. */
  readonly gone: readonly GoneMirror[];
  /** What the setup asks for and this Quay has not. */
  readonly lacking: readonly QuayRemark[];
}

export interface GoneMirror {
  readonly repository: string;
  /** The source said that there is none. Otherwise it may only be hidden from the token, and nothing is removed. */
  readonly certain: boolean;
  readonly removal: QuayChange;
}

export interface PlanContext {
  readonly abilities: MirrorAbilities;
  /** RFC 3339 to the second. */
  readonly now: string;
}

export function planMirrors(setup: MirrorSetup, survey: MirrorSurvey, context: PlanContext): MirrorPlan {
  const lacking = new Map<string, QuayRemark>();
  const repositories = Array.from(survey.found, ([name, found]) => {
    const planned = planRepository(name, found, setup, survey, context);
    for (const remark of planned.remarks) if (remark.asked) lacking.set(remark.message, remark);
    return planned.plan;
  });
  return {
    robot: survey.found.size === 0 ? [] : planRobot(setup, survey.robot),
    repositories,
    gone: survey.gone.map(({ name, certain }) => goneMirror(`${setup.organization}/${name}`, certain)),
    lacking: [...lacking.values()],
  };
}

interface Planned {
  readonly plan: RepositoryMirrorPlan;
  readonly remarks: readonly QuayRemark[];
}

function planRepository(
  name: string,
  found: Found,
  setup: MirrorSetup,
  survey: MirrorSurvey,
  context: PlanContext,
): Planned {
  const repository = `${setup.organization}/${name}`;
  if (found.kind === 'unreadable') return alone({ repository, situation: 'unreadable', error: found.error });
  if (found.kind === 'there' && found.state !== 'NORMAL' && found.state !== 'MIRROR') {
    return alone({ repository, situation: 'left-alone', state: found.state });
  }
  const { changes, remarks } = mirrorChanges(name, found, setup, context);
  if (found.kind === 'absent') {
    return {
      plan: { repository, situation: 'absent', changes: [creation(name, setup, survey), ...changes] },
      remarks,
    };
  }
  return {
    plan: {
      repository,
      situation: found.state === 'MIRROR' ? 'mirror' : 'plain',
      state: found.state,
      changes: [
        ...appearanceChanges(name, found, setup, survey),
        ...changes,
        ...permissionChanges(name, found, setup, survey.robot),
      ],
      ...(found.state === 'NORMAL' && { takesOver: found.holdsTags === true }),
    },
    remarks,
  };
}

function alone(plan: Omit<RepositoryMirrorPlan, 'changes'>): Planned {
  return { plan: { ...plan, changes: [] }, remarks: [] };
}

function mirrorChanges(
  name: string,
  found: { readonly kind: 'absent' } | FoundRepository,
  setup: MirrorSetup,
  { abilities, now }: PlanContext,
) {
  const repository = `${setup.organization}/${name}`;
  const start = startOf(repository, setup.start ?? now, setup.spread);
  // A start is compared only where all is written anew: Quay itself moves it on after every run.
  const declared = declaredMirror(setup, name, setup.renew === true ? start : undefined);
  const context = { repository, organization: setup.organization, abilities, now: start };
  const observed = found.kind === 'absent' ? {} : observedOf(repository, found);
  return compareMirror(declared, observed, { ...context, renewPassword: setup.renew === true });
}

function observedOf(repository: string, found: FoundRepository): ObservedRepository {
  const slash = repository.indexOf('/');
  const names = { namespace: repository.slice(0, slash), name: repository.slice(slash + 1) };
  return {
    view: { ...names, is_public: found.isPublic, description: found.description, state: found.state },
    ...(found.mirror && { mirror: found.mirror }),
  };
}

function creation(name: string, setup: MirrorSetup, survey: MirrorSurvey): QuayChange {
  const body = {
    namespace: setup.organization,
    repository: name,
    visibility: visibilityOf(name, setup, survey) ?? 'private',
    description: descriptionOf(name, setup, survey) ?? `Mirrored from ${setup.source.host}`,
    repo_kind: 'image',
  };
  return create(`repository ${setup.organization}/${name}`, [call('createRepository', {}, body)]);
}

/** What was asked of visibility and description, where it is not so. Both can be changed in a mirror. */
function appearanceChanges(
  name: string,
  found: FoundRepository,
  setup: MirrorSetup,
  survey: MirrorSurvey,
): QuayChange[] {
  const repository = `${setup.organization}/${name}`;
  const object = `repository ${repository}`;
  const visibility = visibilityOf(name, setup, survey);
  const description = descriptionOf(name, setup, survey);
  const is = found.isPublic ? 'public' : 'private';
  return [
    ...(visibility !== undefined && visibility !== is
      ? [
          update(object, `visibility: ${is} → ${visibility}`, [
            call('changeVisibility', { repository }, { visibility }),
          ]),
        ]
      : []),
    ...(description !== undefined && description !== found.description
      ? [update(object, 'description differs', [call('describeRepository', { repository }, { description })])]
      : []),
  ];
}

function visibilityOf(name: string, { visibility }: MirrorSetup, { source }: MirrorSurvey) {
  if (visibility !== 'source') return visibility;
  return source.find((entry) => entry.name === name)?.is_public === true ? 'public' : 'private';
}

function descriptionOf(name: string, { description }: MirrorSetup, { source }: MirrorSurvey): string | undefined {
  if (typeof description !== 'object') return description;
  return source.find((entry) => entry.name === name)?.description ?? '';
}

/** Making a mirror or changing its robot gives the robot the right to write; a right that was taken away later is missed. */
function permissionChanges(name: string, found: FoundRepository, setup: MirrorSetup, robot: RobotFound): QuayChange[] {
  if (found.mirror?.robot_username !== robot.name || robot.repositories === undefined) return [];
  if (robot.repositories.has(name)) return [];
  const repository = `${setup.organization}/${name}`;
  return [
    create(
      `permission of ${robot.name} on ${repository}`,
      [call('setUserPermission', { repository, user: robot.name }, { role: 'write' })],
      'the robot has no right of its own to write',
    ),
  ];
}

function planRobot({ organization, robot: declared }: MirrorSetup, robot: RobotFound): QuayChange[] {
  const short = robot.name.slice(organization.length + 1);
  return [
    ...(robot.exists === false
      ? [
          create(`robot ${robot.name}`, [
            call('createRobot', { organization, robot: short }, { description: 'writes the mirrors' }),
          ]),
        ]
      : []),
    ...(robot.hasDefaultPermission === false
      ? [
          create(`default permission of ${organization} for robot/${declared}`, [
            call('createPrototype', { organization }, { role: 'write', delegate: { name: robot.name, kind: 'user' } }),
          ]),
        ]
      : []),
  ];
}

function goneMirror(repository: string, certain: boolean): GoneMirror {
  const removal = remove(
    `repository ${repository}`,
    [call('deleteRepository', { repository })],
    'its source is not there any more',
  );
  return { repository, certain, removal };
}
