"""What a user would have had otherwise: other libraries that search networks, in equal seconds.

A comparison with rivals (``nac compare --rivals``) answers "what else could I have done with this
time?". Its rules are those that a user of the rival would ask for:

* A rival has as many seconds as the run, from its start to the end of the full training. They begin
  with the rival's process, so imports, reading of images and compilation count, as in a run.
* It learns from the training images of the run, in the same order, as numbers from 0 to 1. It
  chooses on the same held-out images, ``parameters.validation_share`` of each class; of a run that
  holds none out, :data:`nac.rivals.result.VALIDATION_SHARE`. It scores the test images once, with
  the network that it ends with.
* It sees the processor and GPUs that a job of the run sees, and nothing else runs beside it. Both
  libraries use one GPU by default.
* It ends in time by itself. The search, as its library does it, ends after 65% of the seconds; one
  that is still busy with a batch or a score after 85% is killed, and what it has scored before
  counts. In the rest the best candidate, with the weights that the search gave it, is trained
  further on all training images, held-out ones too, with a learning rate that falls to zero. What
  its score takes is set aside before.
* A candidate that is being trained when the search ends counts as far as it got, if that is an
  epoch or if there is no other.
* A rival that is not done after 1.2 times its seconds is killed, and has failed.

``keras_tuner`` is Hyperband over convolutional networks (:mod:`nac.rivals.convolutional`). How long
an epoch of the search is, and how many of them the longest training has, follows from what a
candidate takes on the machine at hand (:mod:`nac.rivals.hyperband`). The library's own
``HyperResNet`` halves featuremaps five times and has at least 50 layers, so it suits neither small
images nor minutes.

``autokeras`` is ``ImageClassifier`` with its own candidates: first a plain CNN, a ResNet-50 and
EfficientNet-B7, the latter two on images of 224 pixels, then what its greedy search finds.
EfficientNet-B7 begins with weights from ImageNet, so without a network connection that candidate
fails and the search goes on. AutoKeras 3.0.0 hands NumPy's integers to Keras, which refuses them
since 3.15; :mod:`nac.rivals.image_classifier` converts them.

:mod:`nac.rivals.table` and :mod:`nac.rivals.result` import neither library, nor TensorFlow.
"""
