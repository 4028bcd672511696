import { createHash } from 'node:crypto';
import { quotaReport } from '../model/quotas.ts';
import type { Account, Team } from '../model/types.ts';
import { feature, type World } from '../model/world.ts';

const colors =
  '#969696 #aec7e8 #ff7f0e #ffbb78 #2ca02c #98df8a #d62728 #ff9896 #9467bd #c5b0d5 #8c564b #c49c94 #e377c2 #f7b6d2 #7f7f7f #c7c7c7 #bcbd22 #1f77b4 #17becf #9edae5 #393b79 #5254a3 #6b6ecf #9c9ede #9ecae1 #31a354 #b5cf6b #a1d99b #8c6d31 #ad494a #e7ba52 #a55194'.split(
    ' ',
  );

export interface Avatar {
  readonly name: string;
  readonly hash: string;
  readonly color: string;
  readonly kind: string;
}

/** A picture's key: the hash of the address or name, and a colour chosen by its first byte. */
export function avatar(name: string, identity: string, kind: string): Avatar {
  const hash = createHash('sha256').update(identity.trim().toLowerCase()).digest('hex');
  return { name, hash, color: colors[Number.parseInt(hash.slice(0, 2), 16) % colors.length] ?? '', kind };
}

export function accountAvatar(account: Account): Avatar {
  const kind = { user: 'user', organization: 'org', robot: 'robot' }[account.kind];
  return avatar(account.username, account.kind === 'robot' ? account.username : account.email, kind);
}

/** Some views call every account a user. */
export function userAvatar(account: Account): Avatar {
  return { ...accountAvatar(account), kind: account.kind === 'robot' ? 'robot' : 'user' };
}

export function teamAvatar(team: Team): Avatar {
  return avatar(team.name, team.name, 'team');
}

/** A user or robot as members of lists show it. */
export function performerView(world: World, name: string): object | undefined {
  const account = world.accounts.get(name);
  if (account === undefined) return undefined;
  const avatarOf = account.kind === 'robot' ? accountAvatar(account) : userAvatar(account);
  return { kind: 'user', name, is_robot: account.kind === 'robot', avatar: avatarOf };
}

export function quotaFields(world: World, account: Account): object {
  if (!feature(world, 'QUOTA_MANAGEMENT')) return {};
  return {
    quotas: shortQuotas(account),
    quota_report: quotaReport(world, account.username),
  };
}

/** Quotas inside other views are shorter than on their own. */
function shortQuotas(account: Account): object[] {
  const { quota } = account;
  if (quota === undefined) return [];
  const limits = quota.limits.map(({ id, type, percent }) => ({ id, type, limit_percent: percent }));
  return [{ id: quota.id, limit_bytes: quota.limitBytes, limits }];
}

export function isFreeAccount(): boolean {
  return true;
}
