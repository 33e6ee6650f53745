"""What may be observed: pure functions from a record to findings.

Theory. A job ends as its probe says unless something allows another end: a cancel, a dropped
stream, a client that was silent for the threshold, an owner that was killed or frozen. Such a
cause *may* have taken effect from the moment it was sent; only some *must* have (a cancel that
was answered with success, the only reader's dropped stream), within a bound after the answer.
What was sent without a whole answer may have happened or not, and nobody is accused on either
assumption. Every reader must be told a truthful, whole story; two readers never two stories.

Instants carry margins: what the witness heard within a moment of an event may have been before
or after it.
"""

from queueproof.exploring.model.findings import Judgement, ModelFinding
from queueproof.exploring.model.judge import judge

__all__ = ["Judgement", "ModelFinding", "judge"]
