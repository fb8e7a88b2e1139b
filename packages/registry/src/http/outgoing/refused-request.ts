/** A request that the registry does not make, or does not see to its end. The message is for a person. */
export class RefusedRequest extends Error {
  override readonly name = "RefusedRequest";
}
