"""Work zones as WZDx v4 has them, on their way in.

| you want | look at |
|---|---|
| what a feed must have to be read | ``reading`` |
| what an event is, and how its dates move | ``feed`` |
| which events share an application | ``grouping`` |
| what an event becomes on the form | ``answers`` |
| what is filed, known already or skipped | ``importing`` |
| what is kept of a feature, word for word | ``features`` |
"""
