/** How proofs are stored, with a session and with a sign-in that waits for another one. */
export const PROOFS = {
  type: [{ _id: false, method: String, kinds: [String], amr: [String], at: Date }],
  required: true,
};
