package com.example;

final class Names {
    static final String TABLE = "events";
}
