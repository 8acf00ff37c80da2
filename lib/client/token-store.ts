/** Where tokens may be kept: `localStorage`, `sessionStorage`, or something of the app's own. */
export interface TokenStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** A pair, and what the client knows of it. */
export interface HeldTokens {
  access_token: string;
  refresh_token: string;
  /** From when on the access token is better renewed before it is used. In milliseconds since the epoch, by this machine's clock. */
  renewAt: number;
  /** Which login it comes from: a renewal is the same one, another login of the same user is not. */
  login: number;
}

export interface TokenStore {
  read(): HeldTokens | undefined;
  /** @param held nothing: they are forgotten */
  write(held?: HeldTokens): void;
}

/** Keeps tokens in memory, or in a storage that other tabs may have too. One that throws leaves them in memory. */
export function createTokenStore(key: string, storage?: TokenStorage): TokenStore {
  let memory: HeldTokens | undefined;
  let isStored = storage !== undefined;
  return {
    read() {
      if (!isStored) return memory;
      let text: string | null | undefined;
      try {
        text = storage?.getItem(key);
      } catch {
        return memory;
      }
      return parse(text);
    },
    write(held) {
      memory = held;
      if (!storage) return;
      try {
        isStored = true;
        if (held) storage.setItem(key, JSON.stringify(held));
        else storage.removeItem(key);
      } catch {
        isStored = false;
        // What it has still was replaced: a refresh token that another tab would present, and be taken for a thief.
        try {
          storage.removeItem(key);
        } catch {}
      }
    },
  };
}

function parse(text: string | null | undefined): HeldTokens | undefined {
  try {
    const held = JSON.parse(text as string);
    return held?.access_token && held.refresh_token ? held : undefined;
  } catch {
    return undefined;
  }
}
