"""Before an edit is saved: who enters, who leaves, who stays, and the clause responsible."""
