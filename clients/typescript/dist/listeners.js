/** Who wants to hear of what. */
export class Listeners {
    heard = new Map();
    /** Call `listener` on every news of a kind; the function that is returned ends that. */
    on(kind, listener) {
        const listeners = this.heard.get(kind) ?? new Set();
        this.heard.set(kind, listeners);
        listeners.add(listener);
        return () => void listeners.delete(listener);
    }
    /** A listener that throws disturbs neither the others nor the client. */
    tell(kind, news) {
        for (const listener of [...(this.heard.get(kind) ?? [])]) {
            try {
                listener(news);
            }
            catch (error) {
                queueMicrotask(() => {
                    throw error;
                });
            }
        }
    }
}
