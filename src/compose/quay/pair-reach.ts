/** Whether a server has a name and listens, for who tells people so before anything else. */
export { addressesOf, listens as isListening } from '../../quay/reach.ts';
