-- Who asks to take part is counted with each that comes, and forgotten sooner than other requests.
CREATE INDEX request_joining ON request (state, decided_at) WHERE kind = 'joining';
