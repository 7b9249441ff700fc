/** What a core tells whoever has the socket. */
export {};
