export { fit, padEnd, padStart, widthOf } from '../../kit/text.ts';
