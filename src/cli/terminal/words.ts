export { bytesText, countText, durationText } from '../../kit/quantity.ts';
