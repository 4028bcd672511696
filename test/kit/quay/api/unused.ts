import { json, ok } from '../http/reply.ts';
import { type Call, type Handlers, notFound, repositoryOf } from './call.ts';

const absent = (call: Call) => {
  throw notFound(call);
};

const gone = () => json(410, { message: 'Handling of access tokens is no longer supported' });

/**
 * What nobody uses any more, and nothing here ever has any of. The routes must be there all the same: without them the
 * deletion of a build or of a trigger would be that of a repository.
 */
export const unusedHandlers: Handlers = {
  getRepoBuilds(call) {
    repositoryOf(call);
    return ok({ builds: [] });
  },
  requestRepoBuild: absent,
  getRepoBuild: absent,
  cancelRepoBuild: absent,
  getRepoBuildStatus: absent,
  getRepoBuildLogs: absent,

  listBuildTriggers(call) {
    repositoryOf(call);
    return ok({ triggers: [] });
  },
  getBuildTrigger: absent,
  updateBuildTrigger: absent,
  deleteBuildTrigger: absent,
  activateBuildTrigger: absent,
  manuallyStartBuildTrigger: absent,
  listTriggerRecentBuilds: absent,

  listRepoTokens: gone,
  createToken: gone,
  getTokens: gone,
  changeToken: gone,
  deleteToken: gone,
};
