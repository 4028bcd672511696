/** What keeps secrets out of outputs, for the rooms that write outputs. */
export { redact, registerSecret } from '../http/redact.ts';
