/** Keeping credentials for later, and forgetting them. */
export { removeLogin, storeLogin } from '../credentials/login.ts';
