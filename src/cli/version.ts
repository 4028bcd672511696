/** The version of this program; a test keeps it equal to package.json's, which a bundle does not have beside it. */
export const version = '0.1.0';
