"""Keras 2 and the TensorFlow Model Optimization Toolkit: training steps of the same networks, compiled by tf.function; in
float32, and with the toolkit's 8-bit fake quantization. A step is right if steps on one batch lessen its loss."""
import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"

import tensorflow as tf
import tf_keras as keras
from tensorflow_model_optimization.quantization.keras import quantize_model

import peer

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
layers = keras.layers


def conv(x, filters, size, strides=1, padding="valid", relu=True, norm=True):
    x = layers.Conv2D(filters, size, strides, padding)(x)
    if norm:
        x = layers.BatchNormalization()(x)
    return layers.ReLU()(x) if relu else x


def mlp():
    x = inputs = keras.Input((784,))
    x = layers.Dense(256, "relu")(x)
    return keras.Model(inputs, layers.Dense(10)(x))


def lenet():
    x = inputs = keras.Input((28, 28, 1))
    for filters in 16, 32:
        x = layers.MaxPooling2D()(conv(x, filters, 5))
    x = layers.Dense(128, "relu")(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(10)(x))


def resnet8():
    inputs = keras.Input((32, 32, 3))
    x = conv(inputs, 16, 3, padding="same")
    for filters, strides in (16, 1), (32, 2), (64, 2):
        y = conv(x, filters, 3, strides, "same")
        y = conv(y, filters, 3, padding="same", relu=False)
        if strides != 1:
            x = conv(x, filters, 1, strides, relu=False, norm=False)
        x = layers.ReLU()(layers.Add()([x, y]))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(10)(x))


def step_of(net, batch):
    tf.random.set_seed(1)
    x = tf.random.uniform((batch, *net.input_shape[1:]))
    labels = tf.random.uniform((batch,), 0, 10, tf.int32)
    optimizer = keras.optimizers.SGD(0.01, momentum=0.9)
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = loss_of(labels, net(x, training=True))
        optimizer.apply_gradients(zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables))
        return loss

    return step


for make, batch in (mlp, 64), (lenet, 64), (resnet8, 32):
    for arithmetic, implementation in ("float32", "keras"), ("int8", "tfmot"):
        name = f"{make.__name__} batch {batch} {arithmetic}"
        if not peer.wanted("training", name):
            continue
        net = make() if arithmetic == "float32" else quantize_model(make())
        step = step_of(net, batch)
        first = float(step())
        right = min(float(step()) for _ in range(20)) < first
        peer.row("training", name, implementation, step, right)
