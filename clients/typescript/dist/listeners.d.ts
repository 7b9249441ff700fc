/** Who wants to hear of what. */
export declare class Listeners<News> {
    private readonly heard;
    /** Call `listener` on every news of a kind; the function that is returned ends that. */
    on<Kind extends keyof News>(kind: Kind, listener: (news: News[Kind]) => void): () => void;
    /** A listener that throws disturbs neither the others nor the client. */
    tell<Kind extends keyof News>(kind: Kind, news: News[Kind]): void;
}
