/** Of the users whom specs register. */
export const PASSWORD = 'correct horse battery';
