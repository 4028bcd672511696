/** What stands on the server now, in the server's own words; only the parts that were asked for. */
import type { z } from 'zod';
import type * as reply from '../replies.ts';

export interface ObservedOrganization {
  readonly name: string;
  /** Absent: there is no such organisation, and nothing below was read. */
  readonly view?: z.infer<typeof reply.OrganizationView>;
  readonly teams?: Readonly<Record<string, ObservedTeam>>;
  readonly robots?: readonly z.infer<typeof reply.Robot>[];
  readonly prototypes?: readonly z.infer<typeof reply.Prototype>[];
  readonly proxyCache?: z.infer<typeof reply.ProxyCache>;
  readonly quotas?: readonly z.infer<typeof reply.Quota>[];
  readonly autoPrune?: readonly z.infer<typeof reply.AutoPrunePolicy>[];
  readonly immutability?: readonly z.infer<typeof reply.ImmutabilityPolicy>[];
  readonly applications?: readonly z.infer<typeof reply.Application>[];
  readonly mirror?: z.infer<typeof reply.OrganizationMirror>;
  readonly repositories?: Readonly<Record<string, ObservedRepository>>;
}

export interface ObservedTeam {
  readonly entry: z.infer<typeof reply.TeamEntry>;
  readonly members?: z.infer<typeof reply.TeamMembers>;
}

export interface ObservedRepository {
  readonly view?: z.infer<typeof reply.RepositoryView>;
  readonly users?: Readonly<Record<string, z.infer<typeof reply.Permission>>>;
  readonly teams?: Readonly<Record<string, z.infer<typeof reply.Permission>>>;
  readonly mirror?: z.infer<typeof reply.Mirror>;
  readonly autoPrune?: readonly z.infer<typeof reply.AutoPrunePolicy>[];
  readonly immutability?: readonly z.infer<typeof reply.ImmutabilityPolicy>[];
  readonly notifications?: readonly z.infer<typeof reply.Notification>[];
}
