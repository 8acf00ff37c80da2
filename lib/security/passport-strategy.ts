/**
 * A Passport strategy of whichever package: their types differ in what `this` is. Not that of `@types/passport`, which
 * an app need not have.
 */
export interface PassportStrategy {
  name?: string;
  authenticate(this: never, ...given: never[]): unknown;
}
