"""The listener: TLS, limits on connections and bodies, deadlines; nothing of AS4. What serves HTTP stands on it."""
