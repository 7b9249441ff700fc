/** Who wants to hear of what. */

export class Listeners<News> {
  private readonly heard = new Map<keyof News, Set<(news: never) => void>>();

  /** Call `listener` on every news of a kind; the function that is returned ends that. */
  on<Kind extends keyof News>(kind: Kind, listener: (news: News[Kind]) => void): () => void {
    const listeners = this.heard.get(kind) ?? new Set();
    this.heard.set(kind, listeners);
    listeners.add(listener as (news: never) => void);
    return () => void listeners.delete(listener as (news: never) => void);
  }

  /** A listener that throws disturbs neither the others nor the client. */
  tell<Kind extends keyof News>(kind: Kind, news: News[Kind]): void {
    for (const listener of [...(this.heard.get(kind) ?? [])]) {
      try {
        (listener as (news: News[Kind]) => void)(news);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
