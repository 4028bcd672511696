/** Whether a server has a name and listens, for who tells people so before anything else; and where runs are remembered. */
export { parseQuayAddress } from '../../quay/address.ts';
export { addressesOf, listens as isListening } from '../../quay/reach.ts';
