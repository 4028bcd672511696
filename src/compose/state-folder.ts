/** Where a run keeps its locks and what it remembers of earlier runs. */
export { stateFolder } from '../state/folder.ts';
