export { runReposync as run } from '../compat/run-reposync.ts';
